namespace Trt.Lite;

/// <summary>What a call consists of.</summary>
public enum Stage
{
    /// <summary>Decoding, resizing and what else is done to samples before their values are known.</summary>
    Preprocess,

    /// <summary>Writing values into the inputs' page-locked memory, converted where necessary.</summary>
    Input,

    /// <summary>The run: copies to the device, the network, copies back.</summary>
    Run,

    /// <summary>Making results of the outputs.</summary>
    Postprocess,

    /// <summary>A call, or in a pipeline a batch from its first stage to its last.</summary>
    Total,
}
