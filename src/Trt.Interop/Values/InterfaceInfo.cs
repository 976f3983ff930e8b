namespace Trt.Interop;

/// <summary>What an interface says of itself: its kind and the version that it implements.</summary>
/// <param name="Kind">Name of the kind, such as <c>PLUGIN_V3ONE_BUILD</c>.</param>
/// <param name="Major">Major version.</param>
/// <param name="Minor">Minor version.</param>
/// <remarks>C++: <c>nvinfer1::InterfaceInfo</c>, 16 bytes.</remarks>
public readonly record struct InterfaceInfo(string Kind, int Major, int Minor);
