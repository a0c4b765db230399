"""A TCP connection, with TLS where it is wanted, that never holds up the other tasks."""

import asyncio
import errno
import select
import socket

LOOK_MS = 50  # how often a connection under way is looked at


async def connect(address, port, name, authority):
    """The socket once connected; raises OSError. `name` and `authority` (DER): TLS, the certificate checked.

    The caller limits the time and closes the socket. The handshake happens with the first write. MicroPython's own
    `open_connection` would lose the socket when it is cancelled, and a board has few.
    """
    plain = socket.socket()
    try:
        plain.setblocking(False)
        try:
            plain.connect(socket.getaddrinfo(address, port)[0][-1])
        except OSError as e:
            if e.errno != errno.EINPROGRESS:
                raise
        await _connected(plain)
        secure = _secure(plain, name, authority) if name else plain
    except BaseException:  # cancelled too: whatever it was, the socket must not stay
        plain.close()
        raise
    return secure


async def _connected(plain):
    poller = select.poll()
    poller.register(plain, select.POLLOUT)
    while True:
        for _, events in poller.poll(0):
            if events & (select.POLLERR | select.POLLHUP):
                raise OSError(errno.ECONNREFUSED)
            return
        await asyncio.sleep_ms(LOOK_MS)


def _secure(plain, name, authority):
    import tls  # of MicroPython; a board without it has no second path over an open network

    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)  # which requires a certificate that it can check
    context.load_verify_locations(authority)
    secure = context.wrap_socket(plain, server_hostname=name, do_handshake_on_connect=False)
    secure.setblocking(False)
    return secure
