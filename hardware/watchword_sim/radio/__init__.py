"""The simulated radio: Bumble controllers on a modelled link, hosts for firmware, a bleak backend."""

from watchword_sim.radio.air import Air
from watchword_sim.radio.bleak_backend import Backend, make_backend
from watchword_sim.radio.virtual_air import VirtualAir

__all__ = ["Air", "Backend", "VirtualAir", "make_backend"]
