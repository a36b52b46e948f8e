package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// InstallDependencies makes the virtual environment and installs what the project names, for `pulumi install` and `new`.
func (h *host) InstallDependencies(
	request *pulumirpc.InstallDependenciesRequest, server pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	ctx, cancel := h.cancellable(server.Context())
	defer cancel()
	python, err := pythonOptions(request.GetInfo())
	if err != nil {
		return err
	}
	if request.GetIsPlugin() {
		python = withPluginVirtualenv(python)
	}
	tools, err := toolchain.ResolveToolchain(python)
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(server, request.GetIsTerminal())
	if err != nil {
		return err
	}
	_, _ = io.WriteString(stdout, "Installing dependencies...\n\n")
	err = tools.InstallDependencies(
		ctx, request.GetInfo().GetProgramDirectory(), request.GetUseLanguageVersionTools(), true, stdout, stderr)
	if err == nil {
		_, _ = io.WriteString(stdout, "Finished installing dependencies\n\n")
	}
	if closed := closer.Close(); err == nil {
		err = closed
	}
	return err
}

// Template lets the chosen toolchain have its own project file in a project that `pulumi new` has just made.
func (h *host) Template(
	ctx context.Context, request *pulumirpc.TemplateRequest,
) (*pulumirpc.TemplateResponse, error) {
	tools, err := resolve(request.GetInfo())
	if err != nil {
		return nil, err
	}
	directory := request.GetInfo().GetProgramDirectory()
	err = tools.PrepareProject(ctx, request.GetProjectName(), directory, false, io.Discard, io.Discard)
	return &pulumirpc.TemplateResponse{}, err
}

// ensureVirtualenv makes and fills a virtual environment that is named but missing. The engine shows how that goes.
func (h *host) ensureVirtualenv(ctx context.Context, tools toolchain.Toolchain, directory string) error {
	address := h.engine()
	if address == "" {
		return tools.EnsureVenv(ctx, directory, false, false, io.Discard, io.Discard)
	}
	connection, err := grpc.NewClient(
		address, grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return fmt.Errorf("connect to the engine: %w", err)
	}
	defer func() { _ = connection.Close() }()
	log := engineLog{
		ctx: ctx, engine: pulumirpc.NewEngineClient(connection), stream: rand.Int32(), severity: pulumirpc.LogSeverity_INFO,
	}
	errors := log
	errors.severity = pulumirpc.LogSeverity_ERROR
	return tools.EnsureVenv(ctx, directory, false, true, log, errors)
}

// engineLog writes to the engine's status line.
type engineLog struct {
	ctx      context.Context
	engine   pulumirpc.EngineClient
	stream   int32
	severity pulumirpc.LogSeverity
}

func (l engineLog) Write(text []byte) (int, error) {
	_, err := l.engine.Log(l.ctx, &pulumirpc.LogRequest{
		Message:   strings.ToValidUTF8(string(text), "\uFFFD"),
		Ephemeral: true,
		StreamId:  l.stream,
		Severity:  l.severity,
	})
	if err != nil {
		return 0, err
	}
	return len(text), nil
}
