namespace Trt.Lite;

/// <summary>The kinds of file that an engine is made of.</summary>
public enum Framework
{
    /// <summary>What the file's content says.</summary>
    Auto,

    /// <summary>An ONNX model, with external data beside it if it has any.</summary>
    Onnx,

    /// <summary>A plan: a serialized engine (.plan, .engine).</summary>
    Plan,

    /// <summary>Weights (PyTorch's .pth, safetensors, npz, a shard's index) of an architecture for which there is a model builder.</summary>
    Weights,

    /// <summary>A TorchScript archive (.pt), of which the parameters are taken as <see cref="Weights"/>; its code is not.</summary>
    TorchScript,

    /// <summary>A function of the user's that defines the network: <see cref="EngineOptions.Network"/>.</summary>
    Network,
}
