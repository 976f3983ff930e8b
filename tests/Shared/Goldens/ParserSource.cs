using Trt.Interop;
using Trt.Interop.NvOnnxParser;

namespace Trt.Tests.Goldens;

/// <summary>What parses ONNX models: a library, or the CPU runtime, or the one's parser on the other's network.</summary>
/// <param name="Builder">Makes the builder of the networks.</param>
/// <param name="Parser">Makes the parser.</param>
/// <param name="Target">Settings without which the builder cannot build, or null.</param>
/// <param name="IsNvidia">Whether the parser is NVIDIA's, whose words are those of the goldens.</param>
internal sealed record ParserSource(Func<ILogger, IBuilder> Builder, Func<INetworkDefinition, ILogger, IParser> Parser, Action<IBuilderConfig>? Target, bool IsNvidia);
