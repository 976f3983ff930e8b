namespace Trt.Interop.Cuda;

/// <summary>An event recorded in a capture: what of each stream's work had been seen at that place.</summary>
internal sealed record HostCaptureMark(HostCapture Capture, IReadOnlyDictionary<HostStream, int> Seen);
