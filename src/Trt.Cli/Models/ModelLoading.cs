using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli;

/// <summary>Opens models of any kind.</summary>
internal static class ModelLoading
{
    /// <summary>What a file is, told from its content.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that no supported release reads; the message says what to do.</exception>
    public static Framework Kind(string path) => ModelFile.Recognise(path, out _);

    /// <summary>What an engine is built from.</summary>
    /// <param name="path">ONNX, or weights.</param>
    /// <param name="architecture">The name of a model builder for weights; null: recognised from their names.</param>
    /// <exception cref="UserError">It is a plan, or no architecture has that name.</exception>
    public static ModelSource Source(string path, string? architecture = null) => Kind(path) switch
    {
        Framework.Onnx => ModelSource.FromOnnx(path),
        Framework.Plan => throw new UserError($"{path} is a plan, which is built already. Name the model that it was built from."),
        _ => ModelSource.FromWeights(path, architecture is null ? null : Architecture(architecture)),
    };

    /// <summary>A model builder by its name; case, spaces and hyphens do not count.</summary>
    /// <exception cref="UserError">None has that name; the message lists them.</exception>
    public static IModelBuilder Architecture(string name) => ModelBuilders.All.FirstOrDefault(builder => Letters(builder.Name) == Letters(name))
        ?? throw new UserError($"There is no architecture \"{name}\"; there are {string.Join(", ", ModelBuilders.All.Select(builder => $"\"{builder.Name}\""))}.", ExitCode.Usage);

    /// <summary>Loads a plan, or builds anything else.</summary>
    /// <param name="session">Its logger hears the library, its error output shows progress, its token ends a build.</param>
    /// <param name="library">What builds and runs.</param>
    /// <param name="path">A plan, an ONNX model, or weights.</param>
    /// <param name="build">For what is no plan.</param>
    /// <param name="load">For what is one.</param>
    /// <param name="architecture">As for <see cref="Source"/>.</param>
    /// <returns>An engine, to be disposed by the caller.</returns>
    public static ICudaEngine Open(Session session, TensorRtLibrary library, string path, BuildOptions? build = null, EngineLoadOptions? load = null, string? architecture = null)
    {
        if (Kind(path) == Framework.Plan)
        {
            return EngineFile.Load(path, library, session.Logger, load);
        }

        build = (build ?? new BuildOptions()) with { ReadBack = false }; // the engine is loaded at once
        load ??= new EngineLoadOptions();
        using BuiltEngine built = new EngineBuilder(library, session.Logger).Build(Source(path, architecture), build, session.Progress, session.Cancellation);
        return built.Load(load with { AllowHostCode = load.AllowHostCode || build.VersionCompatible, DynamicPlugins = [.. load.DynamicPlugins.Union(build.DynamicPlugins)] });
    }

    private static string Letters(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();
}
