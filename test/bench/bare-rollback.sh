#!/bin/sh
# The same way back by hand: stops and removes the week's containers with their directories, puts the agents' and the hub's files back,
# restarts the agents and has the hub read its file again. As a person would: supervisorctl restarts one agent after the other. Looks at nothing.
# bare-rollback.sh MAIN-DOCKER-SOCKET MAIN-ROOT HUB-FILE-OF-BEFORE PC2-DOCKER-SOCKET PC2-ROOT PC2-SUPERVISOR-CONFIG
set -eu
main="docker -H unix://$1" main_root=$2 hub_before=$3
pc2="docker -H unix://$4" pc2_root=$5 supervisor=$6
configs=$pc2_root/pc2_code/config
agents="observability_hub resource_manager unified_utils_agent"
(
  $main stop pushgateway-main nats-main
  $main rm pushgateway-main nats-main
  rm -r "$main_root/mainpc/pushgateway" "$main_root/mainpc/nats"
  cp "$hub_before" "$main_root/mainpc/centralhub/config/prometheus.yml"
  $main kill --signal HUP centralhub
) >/dev/null &
mainpc=$!
(
  $pc2 stop edgehub pushgateway-pc2 nats-pc2
  $pc2 rm edgehub pushgateway-pc2 nats-pc2
  rm -r "$pc2_root/pc2"
) >/dev/null &
containers=$!
for agent in $agents; do
  mv "$configs/$agent.yaml.backup" "$configs/$agent.yaml"
  rm "$configs/$agent.yaml.new"
done
supervisorctl -c "$supervisor" restart $agents >/dev/null
wait "$mainpc"
wait "$containers"
