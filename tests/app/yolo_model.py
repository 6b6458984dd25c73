# SPDX-License-Identifier: GPL-3.0-or-later
"""Small YOLO-like ONNX files: columns of 64 bins that stand out of the noise become boxes as high as
the picture, class 0 over 40 dB ("strong"), class 1 over 16 dB ("weak")."""
import struct

HEIGHT, WIDTH, CELL = 64, 256, 4
CELLS = WIDTH // CELL


def varint(v):
    out = b""
    while v >= 0x80:
        out += bytes([v & 0x7F | 0x80])
        v >>= 7
    return out + bytes([v])


def num(field, v):
    return varint(field << 3) + varint(v & (1 << 64) - 1)


def blob(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


def tensor(name, dims, values, kind=1):
    raw = struct.pack(f"<{len(values)}{'f' if kind == 1 else 'q'}", *values)
    return blob(5, b"".join(num(1, d) for d in dims) + num(2, kind) + blob(8, name) + blob(9, raw))


def ints(name, values):
    return blob(5, blob(1, name) + b"".join(num(8, v) for v in values) + num(20, 7))


def integer(name, value):
    return blob(5, blob(1, name) + num(3, value) + num(20, 2))


def node(op, ins, out, *attributes):
    return blob(1, b"".join(blob(1, i) for i in ins) + blob(2, out) + blob(4, op) + b"".join(attributes))


def port(field, name, dims, kind=1):
    shape = b"".join(blob(1, num(1, d) if isinstance(d, int) else blob(2, d)) for d in dims)
    return blob(field, blob(1, name) + blob(2, blob(1, num(1, kind) + blob(2, shape))))


def model(layout="yolov8", channels=1, names="{0: 'strong', 1: \"weak\"}", props=(), batch="batch", height=HEIGHT,
          width=WIDTH, kind=1, more_inputs=b""):
    """The file's bytes; @names None: it names no classes."""
    g = tensor("mix", [2, channels, 1, 1], [40 / channels] * 2 * channels) + tensor("bias", [2], [-24.0, -12.0])
    g += tensor("damp", [1, 2, 1, 1], [1.0, 0.9]) + tensor("flat", [3], [1, 2, CELLS], 7)
    place = [CELL * (i + 0.5) for i in range(CELLS)] + [HEIGHT / 2] * CELLS + [CELL] * CELLS + [HEIGHT] * CELLS
    g += tensor("place", [1, 4, CELLS], place) + tensor("sure", [1, 1, CELLS], [1.0] * CELLS)
    n = node("MaxPool", ["images"], "column", ints("kernel_shape", [HEIGHT, CELL]), ints("strides", [HEIGHT, CELL]))
    n += node("Conv", ["column", "mix", "bias"], "logit") + node("Sigmoid", ["logit"], "score")
    n += node("Mul", ["score", "damp"], "damped") + node("Reshape", ["damped", "flat"], "classes")
    if layout == "yolov8":
        n += node("Concat", ["place", "classes"], "output0", integer("axis", 1))
    else:
        n += node("Concat", ["place", "sure", "classes"], "wide", integer("axis", 1))
        n += node("Transpose", ["wide"], "output0", ints("perm", [0, 2, 1]))
    out = [1, 6, CELLS] if layout == "yolov8" else [1, CELLS, 7]
    g = n + blob(2, "yolo") + g + port(11, "images", [batch, channels, height, width], kind) + more_inputs
    g += port(12, "output0", out)
    props = dict(props) | ({"names": names} if names is not None else {})
    return (num(1, 7) + blob(7, g) + blob(8, num(2, 13)) +
            b"".join(blob(14, blob(1, k) + blob(2, v)) for k, v in props.items()))
