"""What each measure of a possible fall is worth, for waist and chest, 25 and 50 Hz alike; `fall` measures.

Fitted, not chosen: after a change, score it again (`watchword replay score`, docs/man-down.md). The points are tenths
of a logarithm of odds: ten more make a fall about 2.7 times as likely. A measure below EDGES[n][0] gives
POINTS[n][0], one from EDGES[n][i] on gives POINTS[n][i + 1].
"""

EDGES = (
    # how far the posture turned, 1000 (1 - cos), from the nearer of two postures before
    (23, 221, 397, 987, 1095),
    # the same from the farther
    (39, 518, 594, 1062, 1284),
    # the blow around the impact, mean mg² / 1024 off gravity
    (214, 268, 369, 511, 798, 2989),
    # way of the tip of the acceleration before, mg a slot
    (185, 274, 602, 3049, 4861, 7721),
    # the same after: stillness
    (729, 3483, 9034),
    # swing of the three axes at the impact, mg, summed
    (2071, 2799, 4435, 6794, 9456),
    # how far the posture still turned after it
    (104, 550),
)
POINTS = (
    (0, 26, 52, 64, 67, 71),
    (0, 14, 26, 35, 39, 41),
    (0, 5, 12, 14, 46, 47, 46),
    (0, 4, 6, 26, 16, 9, 8),
    (16, 3, 2, 0),
    (11, 4, 0, 21, 26, 29),
    (0, 36, 66),
)
ALARM_POINTS = 163
