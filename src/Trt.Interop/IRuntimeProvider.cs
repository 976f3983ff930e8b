using Trt.Interop.NvOnnxParser;

namespace Trt.Interop;

/// <summary>A managed implementation of TensorRT's interfaces, such as the CPU runtime.</summary>
/// <remarks>
/// Registered with <see cref="TensorRt.Register"/>; used when no native library is found or when asked for. The objects it makes are called
/// directly, and through stubs when they are handed to a native library (NVIDIA's parser fills a managed network).
/// </remarks>
public interface IRuntimeProvider
{
    /// <summary>The version that the implementation tells of itself.</summary>
    Version Version { get; }

    /// <summary>The plugin registry that its builders, parsers and runtimes ask.</summary>
    IPluginRegistry PluginRegistry { get; }

    /// <summary>Makes a builder.</summary>
    /// <param name="logger">Hears everything.</param>
    IBuilder CreateInferBuilder(ILogger logger);

    /// <summary>Makes a runtime.</summary>
    /// <param name="logger">Hears everything.</param>
    IRuntime CreateInferRuntime(ILogger logger);

    /// <summary>Makes a refitter for one of its engines.</summary>
    /// <param name="engine">An engine that it made.</param>
    /// <param name="logger">Hears everything.</param>
    /// <exception cref="TensorRtException">It cannot refit; the message says why.</exception>
    IRefitter CreateInferRefitter(ICudaEngine engine, ILogger logger);

    /// <summary>Makes an ONNX parser for one of its networks.</summary>
    /// <param name="network">A network that it made.</param>
    /// <param name="logger">Hears everything.</param>
    /// <exception cref="TensorRtException">It cannot parse; the message says why.</exception>
    IParser CreateParser(INetworkDefinition network, ILogger logger);

    /// <summary>Makes a parser that refits one of its engines.</summary>
    /// <param name="refitter">A refitter that it made.</param>
    /// <param name="logger">Hears everything.</param>
    /// <exception cref="TensorRtException">It cannot parse; the message says why.</exception>
    IParserRefitter CreateParserRefitter(IRefitter refitter, ILogger logger);

    /// <summary>Whether it has a member, by the C++ name with its class.</summary>
    /// <param name="member">Such as <c>INetworkDefinition.addMoE</c>.</param>
    bool Supports(string member);
}
