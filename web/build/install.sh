#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: install.sh BUILT_DIR; copies the page to share/g20/web (called by `meson install`).
set -eu
to="$MESON_INSTALL_DESTDIR_PREFIX/share/g20/web"
mkdir -p "$to"
cp -r "$1/index.html" "$1/index.html.gz" "$1/icon.svg" "$1/icon.svg.gz" "$1/assets" "$to/"
