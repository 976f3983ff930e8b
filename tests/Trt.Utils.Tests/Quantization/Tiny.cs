using Trt.Interop;

namespace Trt.Utils.Tests.Quantization;

/// <summary>y = average pooling of x over windows of one: a network whose only range is that of x, which min-max calibration makes the greatest magnitude.</summary>
internal static class Tiny
{
    /// <summary>The scale that a calibration gives x.</summary>
    public static float Calibrate(Int8Calibration calibration, Dims shape, Rig? rig = null, DataType type = DataType.Float, CancellationToken cancellation = default)
    {
        using Rig own = new();
        rig ??= own;
        INetworkDefinition network = Define(rig, shape, type);
        IBuilderConfig config = rig.Config();
        if (!shape.IsStatic)
        {
            Dims least = new([.. shape.Select(extent => extent < 0 ? 1 : extent)]);
            Dims most = new([.. shape.Select(extent => extent < 0 ? 64 : extent)]);
            rig.Profile(config, ("x", least, most));
        }

        calibration.Apply(rig.Builder, network, config, rig.Library, cancellation: cancellation);
        rig.Plan(network, config);
        return calibration.Scales["x"];
    }

    public static INetworkDefinition Define(Rig rig, Dims shape, DataType type = DataType.Float)
    {
        INetworkDefinition network = rig.Network();
        ITensor x = network.AddInput("x", type, shape);
        x = type == DataType.Float ? x : network.AddCast(x, DataType.Float).GetOutput(0);
        x.Name = type == DataType.Float ? "x" : "numbers";
        ITensor y = network.AddUnary(x, UnaryOperation.Abs).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        return network;
    }
}
