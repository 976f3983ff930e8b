namespace Trt.Interop;

/// <summary>Where the loader looks for a library, and the files that are there; see <see cref="TensorRt.Search"/>.</summary>
/// <param name="Wanted">The file or folder that was named; null when the usual places are searched.</param>
/// <param name="WantedBy">What named it: <c>TensorRtOptions.LibraryPath</c> or <c>TRT_LIBRARY</c>; null when nothing did.</param>
/// <param name="Names">File names, in the order in which they are tried.</param>
/// <param name="Folders">Folders, in the order in which they are searched for each name; empty when a file was named.</param>
/// <param name="Candidates">The files that are there, in the order in which they are tried.</param>
public sealed record LibrarySearch(string? Wanted, string? WantedBy, IReadOnlyList<string> Names, IReadOnlyList<string> Folders, IReadOnlyList<LibraryCandidate> Candidates);
