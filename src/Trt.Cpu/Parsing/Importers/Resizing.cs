using Trt.Interop;
using OnnxCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Images at other sizes and other places.</summary>
internal static class Resizing
{
    public static void Register(ImporterTable table)
    {
        table.Add("Resize", Resize, Check);
        table.Add("Upsample", Upsample);
        table.Add("GridSample", GridSample);
    }

    private static void Check(ImportNode node)
    {
        if (node.Int("antialias", 0) != 0)
        {
            throw node.Unsupported("Antialiasing is not supported.", OnnxCode.UnsupportedNodeAttr);
        }

        if (node.Text("keep_aspect_ratio_policy", "stretch") != "stretch")
        {
            throw node.Unsupported("keep_aspect_ratio_policy must be stretch.", OnnxCode.UnsupportedNodeAttr);
        }

        if (node.Opset >= 11)
        {
            _ = Transformation(node, node.Text("coordinate_transformation_mode", "half_pixel"));
            _ = Rounding(node, node.Text("nearest_mode", "round_prefer_floor"));
        }
    }

    private static ResizeCoordinateTransformation Transformation(ImportNode node, string mode) => mode switch
    {
        "align_corners" => ResizeCoordinateTransformation.AlignCorners,
        "asymmetric" => ResizeCoordinateTransformation.Asymmetric,
        "half_pixel" or "pytorch_half_pixel" or "tf_half_pixel_for_nn" => ResizeCoordinateTransformation.HalfPixel,
        _ => throw node.Unsupported($"The coordinate transformation {mode} is not supported."),
    };

    private static ResizeRoundMode Rounding(ImportNode node, string mode) => mode switch
    {
        "floor" => ResizeRoundMode.Floor,
        "ceil" => ResizeRoundMode.Ceil,
        "round_prefer_floor" => ResizeRoundMode.HalfDown,
        "round_prefer_ceil" => ResizeRoundMode.HalfUp,
        _ => throw node.Unsupported($"The nearest mode {mode} is not supported."),
    };

    private static InterpolationMode Interpolation(ImportNode node, string mode) => mode switch
    {
        "nearest" => InterpolationMode.Nearest,
        "linear" or "bilinear" => InterpolationMode.Linear,
        "cubic" or "bicubic" => InterpolationMode.Cubic,
        _ => throw node.Unsupported($"{node.Operator} has no mode {mode}."),
    };

    private static ITensor Resize(ImportNode node)
    {
        node.RefuseTypes(0, DataType.Bool, DataType.UInt8);
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        long[] axes = [.. (node.Ints("axes") ?? []).Select(axis => (long)node.Axis(axis, rank))];
        if (axes.Distinct().Count() != axes.Length)
        {
            throw node.Invalid("The axes of Resize must differ.");
        }

        bool subset = axes.Length > 0 && !axes.SequenceEqual(Enumerable.Range(0, rank).Select(axis => (long)axis));
        IResizeLayer layer = node.Network.AddResize(x);
        ITensor y = node.Out(layer);
        layer.ResizeMode = Interpolation(node, node.Text("mode", "nearest"));
        string transformation = node.Opset >= 11 ? node.Text("coordinate_transformation_mode", "half_pixel") : "asymmetric";
        layer.CoordinateTransformation = Transformation(node, transformation);
        layer.SelectorForSinglePixel = transformation == "pytorch_half_pixel" ? ResizeSelector.Upper : ResizeSelector.Formula;
        layer.NearestRounding = transformation == "tf_half_pixel_for_nn" ? ResizeRoundMode.Ceil
            : node.Opset < 11 ? ResizeRoundMode.Floor
            : Rounding(node, node.Text("nearest_mode", "round_prefer_floor"));
        layer.ExcludeOutside = node.Int("exclude_outside", 0) != 0;
        if (layer.ResizeMode == InterpolationMode.Cubic)
        {
            layer.CubicCoeff = node.Float("cubic_coeff_a", -0.75f);
        }

        if (node.Opset >= 11 && node.Has(3))
        {
            SetSizes(node, layer, x, axes, subset);
        }
        else
        {
            SetScales(node, layer, x, node.Opset >= 11 ? 2 : 1, axes, subset);
        }

        return y;
    }

    private static void SetSizes(ImportNode node, IResizeLayer layer, ITensor x, long[] axes, bool subset)
    {
        ShapeValues sizes = ShapeValues.From(node, 3);
        ShapeValues dims = ShapeValues.Of(node, x);
        if (sizes.Count != (subset ? axes.Length : dims.Count))
        {
            throw node.Invalid($"Resize has {sizes.Count} sizes for {(subset ? axes.Length : dims.Count)} axes.");
        }

        sizes = subset ? dims.With(node, sizes, axes) : sizes;
        if (sizes.IsKnown)
        {
            layer.OutputDimensions = sizes.Parameter;
        }
        else
        {
            layer.SetInput(1, sizes.Tensor(node));
        }
    }

    private static void SetScales(ImportNode node, IResizeLayer layer, ITensor x, int input, long[] axes, bool subset)
    {
        int rank = node.Rank(x);
        if (node.IsConstant(input))
        {
            float[] given = node.Floats(input);
            float[] scales = given;
            if (subset)
            {
                scales = Enumerable.Repeat(1f, rank).ToArray();
                for (int i = 0; i < Math.Min(axes.Length, given.Length); i++)
                {
                    scales[axes[i]] = given[i];
                }
            }

            if (given.Length != (subset ? axes.Length : rank))
            {
                throw node.Invalid($"Resize has {given.Length} scales for {(subset ? axes.Length : rank)} axes.");
            }

            layer.SetScales(scales);
            return;
        }

        if (subset)
        {
            throw node.Unsupported("Scales that a run computes must be given for all axes.");
        }

        layer.SetInput(1, Scaled(node, x, node.Tensor(input)));
    }

    /// <summary>Extents times scales, rounded down.</summary>
    private static ITensor Scaled(ImportNode node, ITensor x, ITensor scales)
    {
        ITensor extents = node.Helper(node.Network.AddCast(ShapeValues.Of(node, x).Tensor(node), DataType.Float), "ONNXTRT_resizeShapeTensor_floatCast").GetOutput(0);
        ITensor product = node.Helper(node.Network.AddElementWise(scales, extents, ElementWiseOperation.Prod), "ONNXTRT_resizeShapeTensor_prod").GetOutput(0);
        ITensor floor = node.Helper(node.Network.AddUnary(product, UnaryOperation.Floor), "ONNXTRT_resizeShapeTensor_floor").GetOutput(0);
        return node.Helper(node.Network.AddCast(floor, DataType.Int32), "ONNXTRT_resizeShapeTensor_intCast").GetOutput(0);
    }

    private static ITensor Upsample(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        IResizeLayer layer = node.Network.AddResize(x);
        ITensor y = node.Out(layer);
        layer.ResizeMode = Interpolation(node, node.Text("mode", "nearest"));
        layer.CoordinateTransformation = ResizeCoordinateTransformation.Asymmetric;
        layer.SelectorForSinglePixel = ResizeSelector.Formula;
        layer.NearestRounding = ResizeRoundMode.Floor;
        if (node.Opset >= 9)
        {
            SetScales(node, layer, x, 1, [], false);
            return y;
        }

        float[] scales = node.Floats("scales") ?? [1, 1, node.Float("height_scale", 1), node.Float("width_scale", 1)];
        layer.SetScales(scales);
        return y;
    }

    private static ITensor GridSample(ImportNode node)
    {
        node.RefuseTypes(0, DataType.Bool, DataType.UInt8);
        node.RefuseTypes(1, DataType.Bool, DataType.UInt8);
        IGridSampleLayer layer = node.Network.AddGridSample(node.Tensor(0), node.Tensor(1));
        ITensor y = node.Out(layer);
        layer.SampleMode = node.Text("padding_mode", "zeros") switch
        {
            "zeros" => SampleMode.Fill,
            "border" => SampleMode.Clamp,
            "reflection" => SampleMode.Reflect,
            string other => throw node.Unsupported($"GridSample has no padding mode {other}."),
        };
        layer.InterpolationMode = Interpolation(node, node.Text("mode", "linear"));
        layer.AlignCorners = node.Int("align_corners", 0) != 0;
        return y;
    }
}
