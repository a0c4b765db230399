"""AES-128 as MicroPython's `cryptolib.aes` takes it, on whichever interpreter runs.

`aes(key, mode)` or `aes(key, mode, iv)`, mode 1 ECB, 2 CBC; `encrypt` of whole blocks.
"""

try:
    from cryptolib import aes
except ImportError:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    class aes:
        def __init__(self, key, mode, iv=None):
            if (mode, iv is None) not in ((1, True), (2, False)):
                raise ValueError("mode %r with %r" % (mode, iv))
            self._encryptor = Cipher(algorithms.AES(key), modes.CBC(iv) if mode == 2 else modes.ECB()).encryptor()

        def encrypt(self, blocks):
            return self._encryptor.update(blocks)
