#!/usr/bin/env bash
# The programs the end-to-end tests drive. Installs what is missing where it may; elsewhere the tests say what they skip.
set -eu
missing=()
command -v radclient >/dev/null || missing+=(freeradius-utils)
command -v radsecproxy >/dev/null || [ -x /usr/sbin/radsecproxy ] || missing+=(radsecproxy)
[ -e /usr/lib/freeradius/rlm_rest.so ] || missing+=(freeradius freeradius-rest freeradius-postgresql)
command -v eapol_test >/dev/null || missing+=(eapoltest)
PATH=$PATH:/usr/sbin:/sbin
command -v hostapd >/dev/null || missing+=(hostapd)
command -v wpa_supplicant >/dev/null || missing+=(wpasupplicant)
command -v ip >/dev/null || missing+=(iproute2)
command -v curl >/dev/null || missing+=(curl ca-certificates)
[ ${#missing[@]} = 0 ] && exit 0
sudo=""; [ "$(id -u)" = 0 ] || sudo="sudo -n"
if ! command -v apt-get >/dev/null || ! $sudo true 2>/dev/null; then
    echo "Not installed and no right to install it: ${missing[*]}. The tests that need it are skipped." >&2
    exit 0
fi
echo "Installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
$sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
# Tests start a FreeRADIUS of their own; the one of the package would sit on the RADIUS ports.
case " ${missing[*]} " in *" freeradius "*) ! command -v systemctl >/dev/null || $sudo systemctl disable -q --now freeradius 2>/dev/null || true ;; esac
