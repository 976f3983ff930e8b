namespace Trt.Utils;

/// <summary>A file of a batch that could not be decoded.</summary>
/// <param name="Index">Its place in the batch.</param>
/// <param name="Error">What is wrong with it; the message names the file.</param>
public sealed record JpegFailure(int Index, ImageFormatException Error);
