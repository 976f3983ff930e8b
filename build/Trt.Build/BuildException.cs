namespace Trt.Build;

/// <summary>A verb cannot go on; the message says why and what to do, and is all that the user sees.</summary>
internal sealed class BuildException(string message) : Exception(message);
