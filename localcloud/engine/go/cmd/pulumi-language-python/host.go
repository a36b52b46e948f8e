package main

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/protobuf/types/known/emptypb"
)

// host answers the engine. What is not implemented here (writing code in Python) answers codes.Unimplemented.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	executor string
	tracing  string
	children children

	lock          sync.Mutex
	engineAddress string
	cancelled     chan struct{} // closed by Cancel, then replaced
}

func newHost(executor, engineAddress, tracing string) *host {
	return &host{executor: executor, tracing: tracing, engineAddress: engineAddress, cancelled: make(chan struct{})}
}

// Handshake tells where the engine is, also where the engine attached to a host that it did not start.
func (h *host) Handshake(
	_ context.Context, request *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	h.lock.Lock()
	defer h.lock.Unlock()
	if address := request.GetEngineAddress(); address != "" {
		h.engineAddress = address
	}
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (h *host) engine() string {
	h.lock.Lock()
	defer h.lock.Unlock()
	return h.engineAddress
}

func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version.Version}, nil
}

// Cancel ends the programs and installations under way. Plugins are the engine's to end, one by one.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.lock.Lock()
	defer h.lock.Unlock()
	close(h.cancelled)
	h.cancelled = make(chan struct{})
	return &emptypb.Empty{}, nil
}

// cancellable gives a context that also ends when the engine calls Cancel.
func (h *host) cancellable(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	h.lock.Lock()
	cancelled := h.cancelled
	h.lock.Unlock()
	go func() {
		select {
		case <-cancelled:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

func (h *host) About(ctx context.Context, request *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	python := toolchain.PythonOptions{Toolchain: toolchain.Pip} // asked outside a project: the ambient Python
	if info := request.GetInfo(); info != nil {
		var err error
		if python, err = pythonOptions(info); err != nil {
			return nil, err
		}
	}
	tools, err := toolchain.ResolveToolchain(python)
	if err != nil {
		return nil, err
	}
	info, err := tools.About(ctx)
	if err != nil {
		return nil, err
	}
	name := strings.ToLower(toolchain.Name(python.Toolchain))
	metadata := map[string]string{"toolchain": name, "typechecker": toolchain.TypeCheckerName(python.Typechecker)}
	if python.Toolchain != toolchain.Auto {
		metadata["toolchainVersion"] = info.ToolchainVersion.String()
	}
	return &pulumirpc.AboutResponse{
		Executable: info.PythonExecutable, Version: info.PythonVersion.String(), Metadata: metadata,
	}, nil
}

func (h *host) GetProgramDependencies(
	ctx context.Context, request *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	tools, err := resolve(request.GetInfo())
	if err != nil {
		return nil, err
	}
	packages, err := tools.ListPackages(ctx, request.GetTransitiveDependencies())
	if err != nil {
		return nil, fmt.Errorf("list the program's Python packages: %w", err)
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, dependency := range packages {
		response.Dependencies = append(response.Dependencies, &pulumirpc.DependencyInfo{
			Name: dependency.Name, Version: dependency.Version,
		})
	}
	return response, nil
}

// RuntimeOptionsPrompts asks what `pulumi new` must know and the template leaves open.
func (h *host) RuntimeOptionsPrompts(
	_ context.Context, request *pulumirpc.RuntimeOptionsRequest,
) (*pulumirpc.RuntimeOptionsResponse, error) {
	options := request.GetInfo().GetOptions().AsMap()
	response := &pulumirpc.RuntimeOptionsResponse{}
	chosen, hasToolchain := options["toolchain"]
	_, hasVirtualenv := options["virtualenv"]
	switch {
	case !hasToolchain:
		choices := append([]*promptValue{textValue("pip")}, plugin.MakeExecutablePromptChoices("poetry", "uv")...)
		response.Prompts = append(response.Prompts, textPrompt("toolchain", "The tool that installs dependencies", choices))
	case chosen == "pip" && !hasVirtualenv:
		choices := []*promptValue{textValue("venv")}
		response.Prompts = append(response.Prompts, textPrompt("virtualenv", "The virtual environment to use", choices))
	}
	return response, nil
}

type promptValue = pulumirpc.RuntimeOptionPrompt_RuntimeOptionValue

func textValue(text string) *promptValue {
	return &promptValue{PromptType: pulumirpc.RuntimeOptionPrompt_STRING, StringValue: text, DisplayName: text}
}

func textPrompt(key, description string, choices []*promptValue) *pulumirpc.RuntimeOptionPrompt {
	return &pulumirpc.RuntimeOptionPrompt{
		Key:         key,
		Description: description,
		PromptType:  pulumirpc.RuntimeOptionPrompt_STRING,
		Choices:     choices,
		Default:     choices[0],
	}
}
