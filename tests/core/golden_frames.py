"""Frames as the first version sealed them (test_frames.py says what they mean).

Golden: added to, never edited. An old pendant must still be understood.
"""

GOLDEN_UP = bytes.fromhex(
    "010100c0ffeef123456789abcdefee6b2800ed0d1bb7619f06c59deaa38d344fed9cd73e8d4d342d0066fd6fb2ffdc895ab88a25"
    "176f853f09ba3d131fa1c6c07c52b235bb5e6688d46d163ad06f"
)
GOLDEN_DOWN = bytes.fromhex(
    "010300c0ffeef123456789abcdef0000000501ee6b28005ea1fdbf3922a53b55dd2f2b8c280f0a09535b98045ebe2b00f055af3d"
    "9a8920cc0ebaaf129d4ee398d52a133eee5eb12784567e3b50b045b6bb91a84c30b274913a225de1d6bdf36bc5967d5a6f5de41e"
    "b7af77eb399fc0a87be9fa59b070c556b9357c8d8d3595c345a612186a7d4afcde147da493e5bb405d4fb9db1578061e1272a91d"
    "9225159a831d04381a55d0c82dd0db3917c3f815a751d33404dc4f7172ad01d66adff9f503c89afb11471b01024e5ded26cbb196"
    "6cb055342a31cb7e246086958622c62a3c6cc45230a858"
)
