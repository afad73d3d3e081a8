# make help says what there is.

GO      ?= go
BIN     := bin/poolhouse
ARGS    ?=
# How long one Go package's tests may take.
TIMEOUT ?= 15m

.DEFAULT_GOAL := help
.PHONY: help run build test check lint fmt generate generated requirements go-test e2e bench ledger clean

help: ## this text
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build and serve a demo: poolhouse dev (more flags with ARGS="--memory")
	@exec $(BIN) dev $(ARGS)

build: ## build bin/poolhouse
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN) ./cmd/poolhouse

test: requirements lint generated go-test e2e ## install what the tests need and run every test
	@echo "make test: vet, staticcheck, gofmt, generated code, Go tests with the race detector, e2e: all passed"

check: lint generated ## vet, staticcheck, gofmt, generated code and the fast Go tests; installs nothing
	$(GO) test -short ./...

lint: fmt
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

fmt:
	@files=$$(find . -name '*.go' -not -path '*/node_modules/*' | xargs "$$($(GO) env GOROOT)/bin/gofmt" -l) || exit 1; \
	if [ -n "$$files" ]; then echo "gofmt would change:"; echo "$$files"; exit 1; fi

generate: ## write the generated code again
	$(GO) generate ./...

generated:
	scripts/check-generated.sh

requirements: ## install what the tests need: C compiler, PostgreSQL, strace, Node.js and its packages, Chromium, the AWS CLI
	scripts/test-requirements.sh

go-test: ## all Go tests with the race detector, on both engines
	CGO_ENABLED=1 $(GO) test -race -timeout $(TIMEOUT) ./...

e2e: build ## real clients against bin/poolhouse; make requirements comes first
	cd e2e && POOLHOUSE_BIN=$(CURDIR)/$(BIN) npm test --silent

bench: build ## measure bin/poolhouse under load
	$(GO) run ./bench $(ARGS)

ledger: ## provoke the declared exceptions, say what is missing and write docs/compatibility.md
	cd internal/ledger && $(GO) test -count=1 -args -write $(ARGS)

clean: ## remove what was built and the Node.js packages
	rm -rf bin e2e/node_modules
