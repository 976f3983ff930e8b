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

    /// <summary>Opens an ONNX model with ONNX Runtime on the host, with all operators of all domains that it has.</summary>
    /// <param name="model">The serialized model, which is not needed afterwards.</param>
    /// <param name="options">How to open it.</param>
    /// <exception cref="OnnxRuntimeException">The model is damaged, or holds what ONNX Runtime does not know; the message holds its words.</exception>
    /// <exception cref="NotSupportedException">This implementation has no ONNX Runtime.</exception>
    IOnnxSession OpenOnnx(ReadOnlySpan<byte> model, OnnxSessionOptions options) => throw new NotSupportedException($"The registered runtime ({Version}) cannot run ONNX models.");

    /// <summary>Writes a network of any library as an ONNX file; large weights go into a file beside it.</summary>
    /// <param name="network">The network, which is only read; its outputs must be marked.</param>
    /// <param name="path">The file, which is replaced if it is there.</param>
    /// <exception cref="TensorRtException">A layer cannot be shaped or written; the message names it.</exception>
    /// <exception cref="NotSupportedException">This implementation cannot export, or not a layer of this kind.</exception>
    void ExportOnnx(INetworkDefinition network, string path) => throw new NotSupportedException($"The registered runtime ({Version}) cannot write networks as ONNX models.");

    /// <summary>Whether it has a member, by the C++ name with its class.</summary>
    /// <param name="member">Such as <c>INetworkDefinition.addMoE</c>.</param>
    bool Supports(string member);
}
