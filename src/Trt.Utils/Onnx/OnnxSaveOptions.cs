namespace Trt.Utils;

/// <summary>How <see cref="OnnxModel.Save(string, OnnxSaveOptions?)"/> writes weights.</summary>
public sealed record OnnxSaveOptions
{
    /// <summary>Whether weights go into a file beside the model; null: when they take more than 1 GiB together, or did so in the file that the model came from.</summary>
    public bool? ExternalData { get; init; }

    /// <summary>Name of the file beside the model, in the same folder; null for the model's name with <c>.data</c> behind it.</summary>
    public string? ExternalFileName { get; init; }

    /// <summary>Weights of fewer bytes stay in the model.</summary>
    public long ExternalThreshold { get; init; } = 1024;
}
