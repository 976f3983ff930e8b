namespace Trt.Generator.Model;

/// <summary>Kind and version of a versioned interface.</summary>
/// <param name="Kind">Text that names the interface.</param>
/// <param name="Major">Major version.</param>
/// <param name="Minor">Minor version.</param>
internal sealed record InterfaceInfoModel(string Kind, int Major, int Minor);
