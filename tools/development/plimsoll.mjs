#!/usr/bin/env node
import "../../src/apps/cli/main.ts";
