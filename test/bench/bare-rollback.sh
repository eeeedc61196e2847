#!/bin/sh
# The same way back by hand: stops and removes the week's containers, puts the agents' files back and restarts them. Looks at nothing.
# bare-rollback.sh MAIN-DOCKER-SOCKET PC2-DOCKER-SOCKET PC2-SUPERVISOR-CONFIG PC2-AGENT-CONFIG-DIRECTORY
set -eu
main="docker -H unix://$1" pc2="docker -H unix://$2" supervisor=$3 configs=$4
agents="observability_hub resource_manager unified_utils_agent"
($main stop pushgateway-main nats-main && $main rm pushgateway-main nats-main) >/dev/null &
($pc2 stop edgehub pushgateway-pc2 nats-pc2 && $pc2 rm edgehub pushgateway-pc2 nats-pc2) >/dev/null &
for agent in $agents; do cp "$configs/$agent.yaml.backup" "$configs/$agent.yaml"; done
supervisorctl -c "$supervisor" restart $agents >/dev/null
wait
