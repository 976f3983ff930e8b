using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A tensor that a layer reads or writes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Dims">Its shape as built.</param>
/// <param name="Expressions">How its extents follow from the inputs.</param>
internal sealed record PlanLayerTensor(string Name, DataType Type, long[] Dims, string[] Expressions);
