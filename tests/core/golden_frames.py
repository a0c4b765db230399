"""Frames as the first version sealed them (test_frames.py says what they mean).

Golden: added to, never edited. An old pendant must still be understood.
"""

GOLDEN_UP = bytes.fromhex(
    "010100c0ffeef123456789abcdefee6b2800ed0d1bb7619f06c59deaa38d344fed9cd73e8d4d342d0066fd6fb2ffdc895ab88a25"
    "176f853f09ba3d131fa1c6c07c52b235bb5e6688d46d163ad06f"
)
GOLDEN_DOWN = bytes.fromhex(
    "010300c0ffeef123456789abcdef0000000501ee6b2800ca133d70a24a66defaeef5826f0cc25220037dcfe2b93d17aa801f71be"
    "bdbdbd73aa9bec28b26e36d0dad67792d0b24dc656a692459f6d2bb551f5e74168ea4641860b5d610fcd8f6082da1863db02cea5"
    "bf0890b38362251839f525e2254c6ffd358c72ca2bcd24666d16e6d97d24c159e2bd6042ee27756bd0fc55aafcc8753a4c4976b9"
    "cb4398602e00eb331dd9e919c23285d04d48fdc827d25a7b49668e2c5132096bd9a90a667fdd46e2251f8bb4d5afdf3b700273c4"
    "83cbecf82885cd2476af35bce8d1ced99ec7dd76e465e0"
)
