"""`watchword bench`: what an SOS and a frame cost, beside what their parts cost alone in the same run."""
