.PHONY: all build
all: build

build:
	go build -o bin/webstack ./cmd/webstack
