"""Never waits and never reads the clock."""

while True:
    pass
