#!/bin/sh
# Runs a program as if on a lab machine, in its network and with its /etc/hosts: enter.sh NAMESPACE HOSTS-FILE PROGRAM [ARGUMENT...]
set -eu
if [ "$1" = --mount ]; then
  mount --no-mtab --bind "$2" /etc/hosts
  shift 2
  exec "$@"
fi
namespace=$1
shift
exec nsenter "--net=/var/run/netns/$namespace" unshare --mount --propagation slave "$0" --mount "$@"
