namespace Trt.Interop;

/// <summary>A file that the loader would try.</summary>
/// <param name="Path">The file, as a full path.</param>
/// <param name="Flavour">What its name says that it is; null when it was named by the user.</param>
public sealed record LibraryCandidate(string Path, Flavour? Flavour);
