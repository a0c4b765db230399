"""What each measure of a possible fall is worth, for waist and chest, 25 and 50 Hz alike; `fall` measures.

Fitted, not chosen: after a change, score it again (`watchword replay score`, docs/man-down.md). The points are tenths
of a logarithm of odds: ten more make a fall about 2.7 times as likely. A measure below EDGES[n][0] gives
POINTS[n][0], one from EDGES[n][i] on gives POINTS[n][i + 1].
"""

EDGES = (
    # how far the posture turned, 1000 (1 - cos), from the nearer of two postures before
    (23, 221, 397, 590, 724, 987, 1250, 1311),
    # the same from the farther
    (39, 518, 594, 941, 1062, 1284),
    # the blow around the impact, mean mg² / 1024 off gravity
    (214, 268, 369, 511, 1211, 1734, 2706, 2989),
    # way of the tip of the acceleration before, mg a slot
    (161, 185, 274, 602, 2424, 3049, 4861),
    # the same after: stillness
    (256, 9034),
    # swing of the three axes at the impact, mg, summed
    (2071, 2353, 2799, 4435, 6794, 9456),
)
POINTS = (
    (0, 38, 69, 77, 79, 81, 85, 89, 91),
    (0, 13, 24, 27, 28, 30, 32),
    (0, 7, 12, 13, 44, 39, 36, 35, 29),
    (0, 1, 4, 7, 30, 31, 26, 10),
    (1, 2, 0),
    (14, 12, 5, 0, 19, 28, 31),
)
ALARM_POINTS = 153
