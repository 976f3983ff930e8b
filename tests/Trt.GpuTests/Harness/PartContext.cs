using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>What a part is given.</summary>
/// <param name="Checks">Counts and prints.</param>
/// <param name="Files">Libraries, plans and data.</param>
/// <param name="Device">The first GPU; the stand-in in host memory where there is none.</param>
/// <param name="Output">Where remarks go.</param>
/// <param name="Found">The library that the part runs on, where it runs once for each.</param>
/// <param name="Done">Cases that an earlier process of this part has dealt with.</param>
internal sealed record PartContext(Checks Checks, Files Files, Device Device, TextWriter Output, FoundLibrary? Found, IReadOnlySet<string> Done)
{
    private TensorRtLibrary? library;

    /// <summary>The library that the part runs on, loaded.</summary>
    public TensorRtLibrary Library => library ??= LibraryProbe.Load(Found ?? throw new InvalidOperationException("This part runs once for all libraries."));
}
