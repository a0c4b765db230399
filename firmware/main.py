"""The pendant's program: wiring only."""

import asyncio
import gc
import os
import sys

import bluetooth
import board
import esp32
import machine
from cryptolib import aes
from machine import ADC, I2C, PWM, RTC, UART, WDT, Pin
from pendant import bonds, duty, felt, gnss, identity, memory, path_settings, place, watchdog
from pendant.boots import Boots
from pendant.buttons import Buttons
from pendant.carriers import Carriers
from pendant.clock import Clock
from pendant.counters import Counters
from pendant.feel import BUZZER_HZ, MOTOR_HZ, Player
from pendant.flash import DISCREET, DISCREET_FILE, STATE_FILE, Flash
from pendant.journal import Journal
from pendant.lis2dw12 import RATE_HZ, Lis2dw12
from pendant.log import Log
from pendant.motion import Motion
from pendant.performer import Performer
from pendant.power import Battery, Charge, percent
from pendant.radio import Radio
from pendant.version import FIRMWARE_VERSION
from pendant.wearable import Wearable
from watchword_core import gestures
from watchword_core.seal import Siv

# Collected so often that what lives long stays close together: left to itself, the heap is swept only when it is full,
# and by then a block of it stands everywhere. `make footprint` measures the largest free block.
COLLECT_EVERY_BYTES = 12288
I2C_HZ = 400_000


def build_player(log):
    motor = PWM(Pin(board.PIN_MOTOR, Pin.OUT), freq=MOTOR_HZ, duty_u16=0)
    buzzer = PWM(Pin(board.PIN_BUZZER, Pin.OUT), freq=BUZZER_HZ, duty_u16=0)
    return Player(motor, Pin(board.PIN_LED, Pin.OUT, value=0), buzzer, log)


def build_buttons(clock, done):
    numbers = {
        gestures.SOS_BUTTON: board.PIN_SOS,
        gestures.OK_BUTTON: board.PIN_OK,
        gestures.LANYARD: board.PIN_LANYARD,
    }
    pins = {button: Pin(numbers[button], Pin.IN, Pin.PULL_UP) for button in numbers}
    return Buttons(pins, Pin.IRQ_FALLING | Pin.IRQ_RISING, clock, done)


def build_receiver():
    return UART(
        board.UART_GNSS_ID,
        gnss.BAUD,
        tx=board.UART_GNSS_TX,
        rx=board.UART_GNSS_RX,
        rxbuf=gnss.UART_ROOM_BYTES,
    )


def build_radio(clock, log):
    ble = bluetooth.BLE()
    ble.active(True)  # before the heap fills (micropython #14293)
    return Radio(ble, clock, log)


def build_motion(performer, log):
    bus = I2C(0, scl=Pin(board.I2C_SCL), sda=Pin(board.I2C_SDA), freq=I2C_HZ)
    return Motion(Lis2dw12(bus, board.ACCEL_ADDR), RATE_HZ, log, performer)


def build_wanted(performer):
    switch = Pin(board.PIN_GNSS_ON, Pin.OUT, value=0)

    def wanted():
        on = performer.position_wanted()
        switch.value(on)
        return on

    return wanted


def build_wearable(who, flash, journal, boots):
    boot = int.from_bytes(os.urandom(8), "big")
    up, down = Siv(who.up_key, aes), Siv(who.down_key, aes)
    stored = flash.read(STATE_FILE)
    if boots.forgets():
        stored = memory.without_visit(stored)
    wearable = Wearable(who.pendant, boot, up, down, flash.table, stored, journal.unacknowledged())
    last_known = None if boots.forgets() else place.from_bytes(flash.read(place.PLACE_FILE))
    if last_known is not None:
        wearable.reports.remember(last_known)
    return wearable


def build_second_path(flash, clock, log):
    """None where this pendant has none: then its modules take no room either."""
    counters = Counters()
    settings = path_settings.read(flash, counters)
    if counters.by_reason:
        log.say("second path: its settings can't be read: provision this pendant again")
    if settings is None:
        return None
    from pendant.second_path import SecondPath

    return SecondPath(settings, board, clock, log)


def build_duty(clock, charge, performer, buttons, player, radio, log):
    """Woken by a hand, the pendant answers at once: nobody is watching yet. Woken by the timer it is silent."""
    charger = Pin(board.PIN_CHARGER, Pin.IN, Pin.PULL_UP)
    slept = machine.reset_cause() == machine.DEEPSLEEP_RESET
    by_timer = slept and machine.wake_reason() == machine.TIMER_WAKE
    if slept and not by_timer:
        player.play(felt.NOBODY_WATCHING)
    if by_timer:
        performer.wearable.low_battery.hush(clock.now_ms())
    elif player.discreet:
        player.play(felt.DISCREET_ON)  # whoever wears it now need not be who made it so

    def keeps(reserved):
        return charger.value() == 0 or buttons.in_use() or performer.wearable.keeps_on_duty(reserved)

    def sleep(sleep_ms):
        off_duty(sleep_ms, radio, log)

    return duty.Duty(by_timer, clock, charge, keeps, sleep)


def build_measured(charge, boots, performer, radio):
    def measured(battery_mv):
        charge.measured(battery_mv)
        boots.keep_reserved(charge.reserved)
        performer.measured(battery_mv)
        radio.show_battery(percent(battery_mv))

    return measured


def off_duty(sleep_ms, radio, log):
    log.say("off duty for", sleep_ms // 1000, "s")
    radio.stop()  # powered, the controller would go on drawing current in deep sleep
    pins = [Pin(number, Pin.IN, Pin.PULL_UP) for number in board.WAKES]
    esp32.wake_on_ext1(pins, esp32.WAKEUP_ALL_LOW)  # which on this chip means: when any of them is low
    machine.deepsleep(sleep_ms)


def know_phones(radio, flash, performer, log):
    radio.know(bonds.Bonds(flash.read(bonds.FILE)), performer.keep_bonds)
    if bonds.mode_left(flash, log):
        radio.let_pair(bonds.MODE_MS)


async def unprovisioned(player, log):
    """Without a key there is nothing to say to anybody: no advert, only a light."""
    log.say("no key: provision this pendant with `watchword pendant provision`")
    player.light(felt.LIGHT_UNWATCHED)
    await player.run(lambda: None)


def sensors(charge, boots, performer, radio, carriers, flash, dog, log):
    """The tasks that an SOS does not need: a safe boot leaves them out."""
    battery = Battery(ADC(Pin(board.PIN_BATTERY_ADC), atten=ADC.ATTN_11DB), board.BATTERY_DIVIDER)
    found = [
        battery.run(build_measured(charge, boots, performer, radio), dog.progress_of("battery")),
        gnss.run(build_receiver(), build_wanted(performer), performer.located, dog.progress_of("position")),
        build_motion(performer, log).run(dog.progress_of("motion")),
    ]
    second_path = build_second_path(flash, dog.clock, log)
    if second_path is not None:
        carriers.add(second_path)
        found.append(second_path.run(dog.progress_of("second path")))
    return found


def without_sensors(carriers, flash, dog, log):
    """Of a safe boot."""
    from pendant import last_resort

    def build():
        return build_second_path(flash, dog.clock, log)

    return [last_resort.run(carriers.second_wanted, build, carriers.add, dog.clock)]


def settle_in(who, flash, log):
    try:
        if identity.settle_in(who, flash):
            log.say("provisioned anew: forgot what was kept before")
    except OSError as e:  # what is left of an earlier wearer is sealed under another key, and refused one by one
        log.say("flash does not take it:", e, "- hand this pendant to a technician")


def build_boots(log):
    boots = Boots(RTC(), machine.reset_cause() == machine.DEEPSLEEP_RESET)
    if boots.is_safe():
        log.say("safe boot", boots.safe_boots, "after", boots.failed, "that came to nothing: without sensors")
    return boots


async def main():
    machine.freq(board.CPU_HZ)
    log, clock = Log(), Clock()
    log.say("watchword pendant", FIRMWARE_VERSION, "on", board.NAME)
    radio = build_radio(clock, log)
    folder = board.mount_flash()
    flash, player = Flash(folder), build_player(log)
    who = identity.read(flash)
    if who is None:
        await unprovisioned(player, log)
    boots = build_boots(log)
    dog = watchdog.Watchdog(WDT(timeout=watchdog.TIMEOUT_MS), clock, log)  # from here on nothing can hang for good
    settle_in(who, flash, log)
    player.be_discreet(flash.read(DISCREET_FILE) == DISCREET)
    journal = Journal(folder)
    carriers = Carriers(radio)
    wearable = build_wearable(who, flash, journal, boots)
    performer = Performer(wearable, clock, journal, flash, player, carriers, log)
    carriers.attach(performer)
    know_phones(radio, flash, performer, log)
    buttons, charge = build_buttons(clock, performer.gesture), Charge(boots.reserved)
    on_duty = build_duty(clock, charge, performer, buttons, player, radio, log)
    performer.started()

    def ran(for_ms):
        if boots.ran(for_ms) and not (wearable.keeps_on_duty(True) or len(wearable.waiting) or buttons.in_use()):
            machine.reset()

    await asyncio.gather(
        performer.run(dog.progress_of("deadlines")),
        buttons.run(dog.progress_of("buttons")),
        radio.run(dog.progress_of("radio")),
        player.run(dog.progress_of("feel")),
        on_duty.run(dog.progress_of("duty")),
        dog.run(ran),
        *(
            without_sensors(carriers, flash, dog, log)
            if boots.is_safe()
            else sensors(charge, boots, performer, radio, carriers, flash, dog, log)
        ),
    )


gc.threshold(COLLECT_EVERY_BYTES)
try:
    asyncio.run(main())
except Exception as e:  # noqa: BLE001 -- the top: whatever it was, the next boot hears an SOS sooner than the watchdog
    sys.print_exception(e)
    machine.reset()
