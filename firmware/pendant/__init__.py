"""The pendant: what the worker wears. `wearable` decides, everything else here carries out."""
