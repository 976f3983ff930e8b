namespace Trt.Interop.Cuda;

/// <summary>What an operation in a host stream does.</summary>
internal enum HostOperationKind : byte
{
    Copy,
    Fill,
    Managed,
    Native,
    Graph,
    Free,
    Return,
    Record,
    Wait,
}
