using Trt.Interop;

namespace Trt.Utils;

/// <summary>The library that built an engine.</summary>
/// <param name="Flavour">Its kind.</param>
/// <param name="Version">The version that it tells of itself.</param>
/// <param name="Release">The release whose interfaces it has.</param>
public sealed record LibraryReport(Flavour Flavour, string Version, string Release);
