#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""GNU Radio reads recordings of an on-off keyed remote or sensor (bits in the gaps: short 0, long 1).

usage: gnuradio_ook.py FILE.sigmf-meta...   prints the rows of bits of each; exit status 1: they differ from the first's

Needs GNU Radio (Debian: apt-get install --no-install-recommends gnuradio). Shows that a capture of a subband is worth as
much as the recording it was cut from; docs/decisions/ddc.md says what was run. Not used by G20."""
import json
import sys


def envelope(meta):
    """(magnitude averaged over 100 us, samples a second) through a GNU Radio flow graph."""
    from gnuradio import blocks, filter as gr_filter, gr
    with open(meta, encoding="utf-8") as f:
        head = json.load(f)["global"]
    rate, kind, data = head["core:sample_rate"], head["core:datatype"], meta[:-len("meta")] + "data"
    top = gr.top_block()
    to_mag, sink = blocks.complex_to_mag(1), blocks.vector_sink_f()
    if kind == "cf32_le":
        top.connect(blocks.file_source(gr.sizeof_gr_complex, data), to_mag)
    elif kind == "cu8":
        pair, join = blocks.deinterleave(gr.sizeof_float), blocks.float_to_complex()
        top.connect(blocks.file_source(gr.sizeof_char, data), blocks.uchar_to_float(), blocks.add_const_ff(-127.5), pair)
        top.connect((pair, 0), (join, 0))
        top.connect((pair, 1), (join, 1))
        top.connect(join, to_mag)
    else:
        raise SystemExit(f"{meta}: {kind}: want cf32_le or cu8")
    n = max(1, round(rate * 100e-6))
    top.connect(to_mag, gr_filter.fir_filter_fff(1, [1 / n] * n), sink)
    top.run()
    return sink.data(), rate


def rows(meta):
    """Distinct rows of at least 24 bits; one that is a part of another was cut by an end of the recording."""
    mag, rate = envelope(meta)
    level = sorted(mag)
    threshold = (level[len(level) // 2] * level[-1]) ** 0.5
    found, bits, fell = set(), "", None
    was = False
    for i, m in enumerate(mag):
        on = m > threshold
        if on and not was and fell is not None:
            gap_ms = 1e3 * (i - fell) / rate
            if gap_ms > 6:
                if len(bits) >= 24:
                    found.add(bits)
                bits = ""
            elif gap_ms > 0.5:
                bits += "1" if gap_ms > 3 else "0"
        if was and not on:
            fell = i
        was = on
    return {row for row in found if not any(row in other and row != other for other in found)}


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        print(__doc__)
        sys.exit(0 if "--help" in sys.argv else 64)
    first = None
    for meta in sys.argv[1:]:
        got = rows(meta)
        print(meta, *sorted(got), sep="\n  ")
        first = got if first is None else first
        if got != first:
            print("they differ")
            sys.exit(1)


if __name__ == "__main__":
    main()
