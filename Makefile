# The targets that people use are listed by `make help`.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
PREFIX  ?= /usr
DESTDIR ?=
PORT    ?= 8081
ONCE    ?=
ROUNDS  ?= 5
DURATION ?= 3s
SOAK    ?= 5m
BAR     ?=

GO      ?= go
# The version is stamped by the linker below. Asking git in a clone that
# belongs to another user is an error.
export GOFLAGS += -buildvcs=false
TOOLS   := integration/tools/go.mod
BINDIR  := $(PREFIX)/bin
# Where systemd looks for units whatever the prefix (systemd.unit(5)).
UNITDIR := $(if $(filter /usr,$(PREFIX)),/usr/lib/systemd/system,/usr/local/lib/systemd/system)

# The packages whose tests boot a machine.
REAL    := ./integration ./integration/machine ./integration/systemd ./integration/killed
UNIT     = $(shell $(GO) list ./... | grep -vE '/integration(/machine|/systemd|/killed)?$$')
FUZZTIME ?= 1m

# What cannot run on this host is collected there, and named at the end.
WEBSTACK_UNRUN := $(CURDIR)/bin/unrun.txt
# Each row of the lossless table is added there, and printed at the end.
WEBSTACK_ROWS := $(CURDIR)/bin/rows.txt
test: export WEBSTACK_UNRUN := $(WEBSTACK_UNRUN)
test lossless: export WEBSTACK_ROWS := $(WEBSTACK_ROWS)

.PHONY: all help build test unit race fuzz lint integration lossless verify bench soak demo deps install package package-test repo clean

all: build test

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

build: ## build bin/webstack
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/webstack ./cmd/webstack

test: deps lint ## lint, unit tests, real-systemd tests (under 10 minutes)
	@mkdir -p bin && rm -f $(WEBSTACK_UNRUN) $(WEBSTACK_ROWS)
	$(GO) test $(UNIT)
	$(GO) test ./proxy -args -loops 1
	$(GO) test ./proxy -args -loops 5
	$(GO) test -count=1 -timeout 9m $(REAL)
	@cat $(WEBSTACK_ROWS) 2>/dev/null || true
	@$(GO) run ./integration/unrun/cmd $(WEBSTACK_UNRUN)

unit: ## the unit tests
	$(GO) test $(UNIT)

integration: deps ## the tests on a real systemd, in throwaway machines
	$(GO) test -count=1 -timeout 9m $(REAL)

lossless: deps build ## every row of what is not lost, with all its counts (half an hour)
	@sh integration/deps.sh seed
	@mkdir -p bin && rm -f $(WEBSTACK_ROWS)
	WEBSTACK_LOSSLESS=full $(GO) test -count=1 -timeout 90m -parallel 1 -run 'TestScripts/lossless_' ./integration
	@cat $(WEBSTACK_ROWS)

race: ## the unit tests under the race detector
	$(GO) test -race $(UNIT)

fuzz: ## each fuzz target for FUZZTIME (1m)
	@grep -rn --include=*_test.go -oE 'func Fuzz[A-Za-z]+' . | sort -u | while IFS=: read -r file _ name; do \
		echo "fuzz $${name#func } in $$(dirname $$file)"; \
		$(GO) test $$(dirname $$file) -run '^$$' -fuzz "^$${name#func }$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x || exit 1; \
	done

verify: test race fuzz soak ## all of it, and every fuzz target: half an hour on two cores

lint: ## gofumpt, go vet, staticcheck
	@unformatted=$$($(GO) tool -modfile=$(TOOLS) gofumpt -l .); test -z "$$unformatted" || { echo "gofumpt would change: $$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) tool -modfile=$(TOOLS) staticcheck ./...

bench: build ## compare with nginx, HAProxy and Caddy (ROUNDS=5, DURATION=3s, BAR=1)
	@sh integration/bench/deps.sh
	$(GO) build -o bin/bench ./integration/bench
	bin/bench -rounds $(ROUNDS) -duration $(DURATION) -out docs/bench $(if $(BAR),-bar)

soak: build ## everything at once for SOAK (5m): nothing lost, nothing kept
	$(GO) build -o bin/soak ./integration/soak
	bin/soak -for $(SOAK)

deps: ## install what the tests and the demo need from Debian
	@sh integration/deps.sh

demo: deps build ## deploy the example app on a throwaway machine (ONCE=1, PORT=8081)
	$(GO) build -o bin/demo ./integration/demo
	bin/demo -port $(PORT) $(if $(ONCE),-once)

bin/webstack:
	$(MAKE) build

install: bin/webstack ## install into DESTDIR below PREFIX what `make build` left
	install -D -m 0755 bin/webstack $(DESTDIR)$(BINDIR)/webstack
	@# sysusers.d(5) and tmpfiles.d(5) are read from /usr/lib, whatever the prefix.
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)/usr/lib/sysusers.d $(DESTDIR)/usr/lib/tmpfiles.d $(DESTDIR)/etc/webstack/conf.d
	for unit in packaging/systemd/*; do \
		sed 's|@bindir@|$(BINDIR)|g' $$unit > $(DESTDIR)$(UNITDIR)/$$(basename $$unit); \
		chmod 0644 $(DESTDIR)$(UNITDIR)/$$(basename $$unit); \
	done
	install -m 0644 packaging/sysusers.d/webstack.conf $(DESTDIR)/usr/lib/sysusers.d/webstack.conf
	install -m 0644 packaging/tmpfiles.d/webstack.conf $(DESTDIR)/usr/lib/tmpfiles.d/webstack.conf
	install -D -m 0644 packaging/logrotate.d/webstack $(DESTDIR)/etc/logrotate.d/webstack
	test -e $(DESTDIR)/etc/webstack/webstack.toml || install -m 0644 packaging/webstack.toml $(DESTDIR)/etc/webstack/webstack.toml
	@if [ -z "$(DESTDIR)" ] && [ -d /run/systemd/system ]; then \
		systemd-sysusers webstack.conf && systemd-tmpfiles --create webstack.conf && systemctl daemon-reload; fi

package: ## build deb and rpm for amd64 and arm64 into dist/
	@rm -f dist/*.deb dist/*.rpm
	@VERSION=$(VERSION) packaging/build.sh dist

repo: package ## build an apt and a yum repository of the packages into dist/repo/
	@packaging/repo/build.sh dist dist/repo

# Another Debian, with another systemd, to test the packages on.
OTHER := trixie

package-test: ## install, upgrade and remove the packages on two Debians
	@sh integration/deps.sh packages
	@rm -rf bin/packages
	VERSION=1.0.0 packaging/build.sh bin/packages/old $$($(GO) env GOARCH)
	VERSION=1.1.0 packaging/build.sh bin/packages/new $$($(GO) env GOARCH)
	packaging/repo/build.sh bin/packages/new bin/packages/repo
	integration/machine/debian.sh $(OTHER) bin/roots/$(OTHER) || test $$? = 69
	@mkdir -p bin && rm -f $(WEBSTACK_UNRUN)
	WEBSTACK_UNRUN=$(WEBSTACK_UNRUN) $(GO) test -count=1 -timeout 30m ./integration -run TestPackages \
		-args -packages $(CURDIR)/bin/packages -other-root $(CURDIR)/bin/roots/$(OTHER)
	@$(GO) run ./integration/unrun/cmd $(WEBSTACK_UNRUN)

clean: ## remove what was built
	rm -rf bin dist
