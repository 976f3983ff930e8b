using Trt.Interop;

namespace Trt.Utils;

/// <summary>What a check of the installation looks at.</summary>
public sealed record TensorRtHealthOptions
{
    /// <summary>The library that a program would load; null: whatever <see cref="TensorRt.Load(TensorRtOptions?)"/> finds first.</summary>
    public TensorRtOptions? Library { get; init; }

    /// <summary>Whether every library that is found is loaded and tried, not only the first usable one and the CPU runtime. Libraries are never unloaded.</summary>
    public bool EveryLibrary { get; init; }

    /// <summary>Whether small engines are built and run; without it, libraries are only loaded and asked.</summary>
    public bool Try { get; init; } = true;

    /// <summary>A plan to judge: whether the library and the GPU can run it. Null: none.</summary>
    public string? Plan { get; init; }
}
