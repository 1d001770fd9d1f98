#!/bin/sh
# A corpus of C and C++ from Debian source packages, by name, and of random programs.
#
#     runs/corpus.sh CORPUS WORK
#
# On a Debian system; WORK holds downloads and builds, and what each said (WORK/NAME/build.log). Run again, it goes on
# where it stopped. The packages of the first list are those that Lathe is evaluated on: they come first, so that what
# others have of them (gnulib) is theirs, and are for test, whatever the split says. Libraries that some builds want are
# installed where this user may.
set -eu
corpus=$1 work=$2
lathe=${LATHE:-lathe}

evaluated='bzip2 double-conversion file fmtlib grep gzip libjsoncpp lz4 pugixml sed snappy tinyxml2 xz-utils
    yaml-cpp zlib'
training='
    jansson json-c libyaml libzip lzo2 cjson cmark libonig libpng1.6 libtommath libtomcrypt
    dash bash coreutils diffutils findutils gawk nano less tar m4 bison patch cpio wget inetutils
    libarchive nettle gmp mpfr4 gsl glpk libgcrypt20 mbedtls libsodium opus flac libjpeg-turbo libwebp tiff openjpeg2
    imagemagick leptonlib libgit2 openssh dropbear python3.11 tcl8.6 php8.2 postgresql-15 binutils libsdl2
    libxml2 libxslt freetype
    ninja-build leveldb re2 brotli woff2 google-glog taglib hunspell groff geos zeromq3'
libraries='zlib1g-dev libncurses-dev libssl-dev libgmp-dev libmpfr-dev libexpat1-dev libbrotli-dev libutfcpp-dev
    libpng-dev libgpg-error-dev libreadline-dev libxml2-dev libsqlite3-dev googletest bison flex cmake ninja-build meson
    gettext texinfo pkg-config autoconf automake libtool'

mkdir -p "$work"
if [ "$(id -u)" = 0 ]; then
    # shellcheck disable=SC2086  # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $libraries >"$work/apt.log" 2>&1 ||
        echo "some libraries could not be installed: $work/apt.log" >&2
fi
# shellcheck disable=SC2086
"$lathe" corpus add "$corpus" debian $evaluated $training --work "$work" || echo "the other packages are there" >&2
"$lathe" corpus add "$corpus" csmith 0-499 --work "$work"
# With this seed every side has C and C++ (validation: m4, mpfr4, zeromq3), and what recipes for broadcasting were made
# from (units.toml, train) is all for training.
# shellcheck disable=SC2046,SC2086
"$lathe" corpus split "$corpus" --seed 3747 $(printf -- '--for-test %s ' $evaluated)
"$lathe" corpus stats "$corpus"
