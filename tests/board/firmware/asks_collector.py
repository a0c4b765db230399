"""Says which threshold the collector has after one was set."""

import gc

import simlink

gc.threshold(4096)
simlink.mailbox_send(str(gc.threshold()).encode())
