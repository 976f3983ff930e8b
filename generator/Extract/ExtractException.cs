namespace Trt.Generator.Extract;

/// <summary>Extraction cannot go on; the message is a sentence for the user and names file and line where there is one.</summary>
internal sealed class ExtractException(string message) : Exception(message);
