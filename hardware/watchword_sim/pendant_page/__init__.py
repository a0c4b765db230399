"""The pendant page: press, hold and pull the simulated pendant's controls; see and hear what its wearer would feel."""
