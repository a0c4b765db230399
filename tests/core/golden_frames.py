"""Frames as the first version sealed them (test_frames.py says what they mean).

Golden from the first release on: added to, never edited. An old pendant must still be understood.
"""

GOLDEN_UP = bytes.fromhex(
    "010100c0ffeef123456789abcdefee6b2800ed0d1bb7619f06c59deaa38d344fed9cd73e8d4d342d0066fd6fb2ffdc895ab88a25"
    "176f853f09ba3d131fa1c6c07c52b235bb5e6688d46d163ad06f"
)

GOLDEN_DOWN = bytes.fromhex(
    "010300c0ffeef123456789abcdef0000000501ee6b28004be15d819377e8d75f2d408c13d3c2eab7283dbbd8bdefa98487d006d3"
    "62d0b803b30d2c56a1ca4e3252bcd879e2fcdade8dca7b3f26a193b0906e10ab493436123c96be2b829dd3bfd99e17a719b75e14"
    "6dbe8721123e6a2e45c81b3d0a9dfa2a011c7a24add833186ce10c48c17348beb5bc67492eae7a4d584001e55b5f4bf8eed865f2"
    "062e96c67dddbec12ee9ff896740d7c4ed39e4e7c76ce019cfe82a7870af140cb33ccdbf8cbfd3561d45902ff18454db9776c502"
    "7a04eb6a930617afe8fca3be10a594d3c1173996775450b77bb4ebc8412d0333d1945d"
)
