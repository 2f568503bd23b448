#!/bin/bash
exec python3 /work/k8s/reset.py "$@"
