namespace Trt.Cpu.Parsing;

/// <summary>Ends the import of a node whose subgraph or function has told its errors already.</summary>
internal sealed class ImportStopped() : Exception("A node inside was refused.");
