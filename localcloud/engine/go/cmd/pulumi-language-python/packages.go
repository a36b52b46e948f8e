package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

//go:embed installed.py
var listInstalled string

// installed is one distribution that is a Pulumi package, by its name or by the plugin file inside it.
type installed struct {
	Name    string                   `json:"name"`
	Version string                   `json:"version"`
	Plugin  *plugin.PulumiPluginJSON `json:"plugin"`
}

// withoutPlugin names the distributions called pulumi-* that are libraries only.
var withoutPlugin = map[string]bool{"pulumi-policy": true, "pulumi-esc-sdk": true}

// GetRequiredPackages tells which providers the installed SDKs belong to, so that the engine can fetch them first.
func (h *host) GetRequiredPackages(
	parent context.Context, request *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	ctx, cancel := h.cancellable(parent)
	defer cancel()
	tools, err := resolve(request.GetInfo())
	if err != nil {
		return nil, err
	}
	if err := h.ensureVirtualenv(ctx, tools, request.GetInfo().GetProgramDirectory()); err != nil {
		return nil, err
	}
	cmd, err := tools.Command(ctx, "-c", listInstalled)
	if err != nil {
		return nil, err
	}
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list the installed Pulumi packages: %w", withStderr(err))
	}
	var found []installed
	if err := json.Unmarshal(output, &found); err != nil {
		return nil, fmt.Errorf("list the installed Pulumi packages: %w", err)
	}
	response := &pulumirpc.GetRequiredPackagesResponse{}
	for _, distribution := range found {
		if dependency := packageDependency(distribution); dependency != nil {
			response.Packages = append(response.Packages, dependency)
		}
	}
	return response, nil
}

// packageDependency is nil for a library, and for a version from which the provider's cannot be told.
func packageDependency(distribution installed) *pulumirpc.PackageDependency {
	about := distribution.Plugin
	if about == nil {
		if withoutPlugin[distribution.Name] {
			return nil
		}
		about = &plugin.PulumiPluginJSON{Resource: true}
	}
	if !about.Resource {
		return nil
	}
	dependency := &pulumirpc.PackageDependency{
		Kind:             "resource",
		Name:             about.Name,
		Version:          about.Version,
		Server:           about.Server,
		Parameterization: parameterization(about.Parameterization),
		Extension:        parameterization(about.ExtensionParameterization),
	}
	if dependency.Name == "" {
		dependency.Name = strings.TrimPrefix(distribution.Name, "pulumi-")
	}
	if dependency.Version == "" {
		version, err := toolchain.ParsePythonVersion(distribution.Version) // PEP 440 to semver
		if err != nil {
			return nil
		}
		dependency.Version = version.String()
	}
	if !strings.HasPrefix(dependency.Version, "v") {
		dependency.Version = "v" + dependency.Version
	}
	return dependency
}

func parameterization(about *plugin.PulumiParameterizationJSON) *pulumirpc.PackageParameterization {
	if about == nil {
		return nil
	}
	return &pulumirpc.PackageParameterization{Name: about.Name, Version: about.Version, Value: about.Value}
}

func withStderr(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	return err
}
