#!/bin/sh
# Runs a program as if on a lab machine: in its network, with its /etc/hosts, and at SITE what the machine has under its root, if it does:
# enter.sh NAMESPACE HOSTS-FILE SITE SITE-UNDER-THE-ROOT PROGRAM [ARGUMENT...]
set -eu
if [ "$1" = --mount ]; then
  mount --no-mtab --bind "$2" /etc/hosts
  [ ! -d "$4" ] || mount --no-mtab --bind "$4" "$3"
  shift 4
  exec "$@"
fi
namespace=$1
shift
exec nsenter "--net=/var/run/netns/$namespace" unshare --mount --propagation slave "$0" --mount "$@"
