using Trt.Cpu.OnnxRuntime;
using Trt.Cpu.Parsing;
using Trt.Interop;
using Trt.Interop.Core;
using Trt.Interop.NvOnnxParser;

namespace Trt.Cpu;

/// <summary>What makes the CPU runtime's builders and runtimes; <see cref="CpuRuntime.Provider"/> is the one instance. Thread-safe.</summary>
public sealed class CpuRuntimeProvider : IRuntimeProvider
{
    private const string Release = "10.16";

    internal CpuRuntimeProvider()
    {
    }

    /// <inheritdoc/>
    public Version Version => CpuRuntime.Version;

    /// <inheritdoc/>
    public IPluginRegistry PluginRegistry => CpuPluginRegistry.Shared;

    /// <inheritdoc/>
    public IBuilder CreateInferBuilder(ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        return new CpuBuilder(logger);
    }

    /// <inheritdoc/>
    public IRuntime CreateInferRuntime(ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        return new CpuInferRuntime(logger);
    }

    /// <inheritdoc/>
    public IRefitter CreateInferRefitter(ICudaEngine engine, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(logger);
        return CpuRefitter.Create(engine as CpuEngine ?? throw new ArgumentException("The engine belongs to another library; refit it with that one's refitter.", nameof(engine)), logger);
    }

    /// <inheritdoc/>
    /// <remarks>The network may be another library's too: the parser only uses its interface.</remarks>
    public IParser CreateParser(INetworkDefinition network, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(logger);
        return new OnnxParser(network, logger);
    }

    /// <inheritdoc/>
    /// <remarks>The refitter may be another library's too: the parser only uses its interface.</remarks>
    public IParserRefitter CreateParserRefitter(IRefitter refitter, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(refitter);
        ArgumentNullException.ThrowIfNull(logger);
        return new OnnxParserRefitter(refitter, logger);
    }

    /// <inheritdoc/>
    public IOnnxSession OpenOnnx(ReadOnlySpan<byte> model, OnnxSessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OnnxSession.Open(model, options);
    }

    /// <inheritdoc/>
    public void ExportOnnx(INetworkDefinition network, string path) => network.ToOnnx(path);

    /// <inheritdoc/>
    public bool Supports(string member)
    {
        ArgumentNullException.ThrowIfNull(member);
        int dot = member.IndexOf('.', StringComparison.Ordinal);
        string type = dot < 0 ? member : member[..dot];
        return !MissingMembers.All.Contains(member) && !MissingMembers.All.Contains(type)
            && Members.TryFind(member, out int id) && SlotTables.ReleasesWith(id).Any(release => release.EndsWith(Release, StringComparison.Ordinal));
    }
}
